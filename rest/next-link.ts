/** The value of Link to the next page (RFC 8288), with the other parameters as they are. */
export function nextLink(
  path: string,
  query: Readonly<Record<string, string | number>>,
  cursor: string,
): string {
  const parameters = Object.entries({ ...query, cursor }).map(([name, value]): [string, string] => [
    name,
    `${value}`,
  ]);
  return `<${path}?${new URLSearchParams(parameters)}>; rel="next"`;
}
