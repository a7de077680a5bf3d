/** The value of Link to the next page (RFC 8288), with the other parameters as they are. */
export function nextLink(
  path: string,
  query: Readonly<Record<string, string>>,
  cursor: string,
): string {
  const parameters = new URLSearchParams({ ...query, cursor });
  return `<${path}?${parameters}>; rel="next"`;
}
