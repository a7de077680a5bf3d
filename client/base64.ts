/** Few enough for one call of a function: each byte is an argument. */
const SLICE = 0x8000;

/** Base64 (RFC 4648 §4) of bytes. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let start = 0; start < bytes.length; start += SLICE) {
    binary += String.fromCharCode(...bytes.subarray(start, start + SLICE));
  }
  return btoa(binary);
}

/**
 * The bytes of an event's payload.
 * @param base64 as the scheduler gives it
 * @throws DOMException when it is no Base64
 */
export function decodePayload(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
