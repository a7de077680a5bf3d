/** Why a change or cancel is refused, by what REST says and by what SQL says. */
const REFUSALS = new Map([
  ['SC030', 'not_found'],
  ['SC041', 'final'],
  ['SC042', 'in_flight'],
]);

/** The refusal's name, whichever door it came through; null when there is none. */
export function refusalOf(code: string | null): string | null {
  return code === null ? null : (REFUSALS.get(code) ?? code);
}
