import { type TSchema, Type } from 'typebox';
import { GREATEST_PAGE } from '../../api/query.ts';

/**
 * The forms that fields of requests and answers take. They are the ones that generators of clients
 * understand: a nullable value is `type: [T, "null"]`, or `anyOf` of a reference and null.
 */

export const text = (description: string, ...examples: string[]) =>
  Type.String(examples.length > 0 ? { description, examples } : { description });

export const nullableText = (description: string, ...examples: string[]) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], description, ...exampleList(examples) });

/** An instant, in answers. */
export const instant = (description: string) => Type.String({ format: 'date-time', description });

export const nullableInstant = (description: string) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time', description });

export const nullableInteger = (description: string) =>
  Type.Unsafe<number | null>({ type: ['integer', 'null'], description });

/** Of a request: a string; null and "" are the same as nothing. */
export const optional = (description: string, ...examples: string[]) =>
  Type.Optional(nullableText(description, ...examples));

/** Accepted whatever it says, so that what a client got from GET can be sent back. */
export const ignored = (description: string) =>
  Type.Optional(
    Type.Unknown({ readOnly: true, description: `${description} Ignored in requests.` }),
  );

/** Of a query. */
export const pageLimit = (description: string) =>
  Type.Integer({ minimum: 1, maximum: GREATEST_PAGE, description, examples: [100] });

/** A component by its `$id`: what the description of the API calls it. */
export const ref = <Value>(id: string) => Type.Unsafe<Value>({ $ref: `${id}#` });

export const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

function exampleList(examples: readonly string[]): { examples?: readonly string[] } {
  return examples.length > 0 ? { examples } : {};
}
