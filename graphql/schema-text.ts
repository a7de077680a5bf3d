import './production.ts';
import 'postgraphile';
import {
  buildClientSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  lexicographicSortSchema,
  printSchema,
} from 'postgraphile/graphql';

/**
 * The schema that a server shows, as graphql/schema.graphql has it.
 * @param url of GraphQL
 * @throws Error when it shows none
 */
export async function schemaText(url: string): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: getIntrospectionQuery() }),
  });
  const { data, errors } = (await response.json()) as {
    data?: IntrospectionQuery;
    errors?: unknown;
  };
  if (!data) {
    throw new Error(`no schema: ${JSON.stringify(errors)}`);
  }
  return `${printSchema(lexicographicSortSchema(buildClientSchema(data)))}\n`;
}
