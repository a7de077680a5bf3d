/**
 * Decodes strict Base64 (RFC 4648 §4): its alphabet, with padding, without line breaks.
 * @returns the bytes, or what is wrong with the text
 */
export function decodeBase64(text: string): Buffer | string {
  const bytes = Buffer.from(text, 'base64');
  // Node decodes whatever it can; what does not come back the same was not strict.
  return bytes.toString('base64') === text ? bytes : explain(text);
}

function explain(text: string): string {
  const end = text.endsWith('==') ? text.length - 2 : text.length - (text.endsWith('=') ? 1 : 0);
  const position = text.slice(0, end).search(/[^A-Za-z0-9+/]/);
  if (position >= 0) {
    const character = String.fromCodePoint(text.codePointAt(position) ?? 0);
    const why = '-_'.includes(character)
      ? ' (that is the URL-safe alphabet; Base64 has + and /)'
      : '';
    return `${JSON.stringify(character)} at position ${position} is not Base64${why}.`;
  }
  if (text.length % 4 !== 0) {
    return `Its length, ${text.length}, is not a multiple of 4: padding with = is missing or characters are.`;
  }
  return 'The last character before the padding has bits that belong to no byte.';
}
