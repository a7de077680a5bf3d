import './production.ts';
import 'postgraphile';
import type { GrafastExecutionArgs } from 'postgraphile/grafast';
import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  getNamedType,
  getOperationAST,
  isObjectType,
  Kind,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'postgraphile/graphql';
import type { ErrorCatalogue, ProblemError } from '../api/errors.ts';
import { GREATEST_PAGE } from '../api/query.ts';

/** Characters of a document. Variables may be as long as a body. */
export const DOCUMENT_LIMIT = 100_000;
/** Fields within fields. Introspection has a limit of its own (MaxIntrospectionDepthRule). */
const DEPTH_LIMIT = 15;
/** Fields of a document, those of its fragments each time they are spread. */
const FIELD_LIMIT = 2_000;
/** What a document may cost: an object that it asks for costs one, times the lists that it is in. */
const COST_LIMIT = 10_000;
/** What a field costs that is a statement, or several, of its own. Aliases are fields, too. */
const STATEMENT_COST = 50;
/** Fields that are statements, too; those of the roots all are. */
const STATEMENTS: ReadonlySet<string> = new Set(['instances', 'exceptions', 'series']);
/** What may be as large as a message: an alias more is that much more, though it is read only once. */
const LARGE: ReadonlySet<string> = new Set(['payload', 'headers', 'key', 'recurrence']);
const LARGE_COST = 400;
/** What a list has at most that says nothing else, as of `first`. */
const DEFAULT_PAGE = 100;

/**
 * Refuses documents whose work is not bounded by their length: deep ones, wide ones, and those that ask for
 * lists in lists. How much an answer weighs is for Budget to say.
 */
export function limitsPlugin(errors: ErrorCatalogue): GraphileConfig.Plugin {
  const check = (args: Operation) => {
    const fault = new Weighing(args).fault();
    return fault && { errors: [refuse(errors, fault)] };
  };
  return {
    name: 'SchedulerLimitsPlugin',
    version: '0.0.0',
    grafserv: {
      middleware: {
        // Over HTTP it is refused before it gets here (routes.ts).
        processGraphQLRequestBody(next, { body, graphqlWsContext }) {
          if (graphqlWsContext && String(body.query).length > DOCUMENT_LIMIT) {
            throw documentTooLong(errors);
          }
          return next();
        },
      },
    },
    grafast: {
      middleware: {
        execute: (next, { args }) => check(args) ?? next(),
        subscribe: (next, { args }) => check(args) ?? next(),
      },
    },
  };
}

export function documentTooLong(errors: ErrorCatalogue): ProblemError {
  const detail = `A GraphQL document has at most ${DOCUMENT_LIMIT} characters; put data into variables.`;
  return errors.refusal('body_too_large', { field: 'query', detail });
}

interface Fault {
  readonly detail: string;
  readonly field?: string;
}

function refuse(errors: ErrorCatalogue, fault: Fault): GraphQLError {
  const { title, code, detail, field, hint } = errors.refusal('query_too_complex', fault).problem;
  return new GraphQLError(`${title}: ${detail}`, {
    extensions: { code, ...(field ? { field } : {}), hint },
  });
}

type Operation = Pick<
  GrafastExecutionArgs,
  'schema' | 'document' | 'operationName' | 'variableValues'
>;

/** Weighs an operation, no longer than until it is too heavy: fragments may multiply exponentially. */
class Weighing {
  readonly #operation: Operation;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  #fault: Fault | undefined;
  #fields = 0;
  #cost = 0;

  constructor(operation: Operation) {
    this.#operation = operation;
    this.#fragments = new Map(
      operation.document.definitions
        .filter((one) => one.kind === Kind.FRAGMENT_DEFINITION)
        .map((one) => [one.name.value, one]),
    );
  }

  fault(): Fault | undefined {
    const { schema, document, operationName } = this.#operation;
    const operation = getOperationAST(document, operationName);
    const root = operation && schema.getRootType(operation.operation);
    if (root) {
      this.#selections(operation.selectionSet, root, 1, 1);
    }
    return this.#fault;
  }

  #selections(set: SelectionSetNode, type: GraphQLNamedType, depth: number, times: number): void {
    for (const selection of set.selections) {
      if (this.#fault) {
        return;
      }
      if (selection.kind === Kind.FIELD) {
        this.#field(selection, type, depth, times);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        this.#selections(selection.selectionSet, type, depth, times);
      } else {
        const fragment = this.#fragments.get(selection.name.value);
        this.#count(1);
        if (fragment) {
          this.#selections(fragment.selectionSet, type, depth, times);
        }
      }
    }
  }

  #field(node: FieldNode, type: GraphQLNamedType, depth: number, times: number): void {
    const name = node.name.value;
    this.#count(1);
    if (LARGE.has(name)) {
      this.#spend(LARGE_COST);
    }
    const field = isObjectType(type) ? type.getFields()[name] : undefined;
    if (!field || !node.selectionSet) {
      return;
    }
    if (depth > DEPTH_LIMIT) {
      this.#fault = { detail: `It is more than ${DEPTH_LIMIT} levels deep.`, field: name };
      return;
    }
    const isStatement = depth === 1 || STATEMENTS.has(name);
    this.#spend(times * (isStatement ? STATEMENT_COST : 1));
    const page = this.#pageOf(node, field);
    if (page > GREATEST_PAGE) {
      this.#fault = { detail: `A page has at most ${GREATEST_PAGE}.`, field: 'first' };
      return;
    }
    this.#selections(node.selectionSet, getNamedType(field.type), depth + 1, times * page);
  }

  #spend(cost: number): void {
    this.#cost += cost;
    if (this.#cost > COST_LIMIT) {
      const detail = `It costs more than ${COST_LIMIT}: an object one, a statement ${STATEMENT_COST}, ${[...LARGE].join(', ')} ${LARGE_COST}.`;
      this.#fault = { detail };
    }
  }

  #count(fields: number): void {
    this.#fields += fields;
    if (this.#fields > FIELD_LIMIT) {
      this.#fault = { detail: `It has more than ${FIELD_LIMIT} fields.` };
    }
  }

  /** How many a field asks for; of what is no number the coercion of arguments says so later. */
  #pageOf(node: FieldNode, field: GraphQLField<unknown, unknown>): number {
    const argument = field.args.find(({ name }) => name === 'first');
    if (!argument) {
      return 1;
    }
    const given = node.arguments?.find((one) => one.name.value === 'first')?.value;
    const value = given && valueFromASTUntyped(given, this.#operation.variableValues);
    return typeof value === 'number' ? Math.max(value, 1) : DEFAULT_PAGE;
  }
}
