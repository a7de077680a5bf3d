import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Answer } from './harness.ts';

interface Response {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, { readonly examples?: object }>>;
}

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, Response>>;
}

export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** What any path and method may answer, whether it is described or not. */
const EVERYWHERE = new Set(['no_such_route', 'method_not_allowed']);
const TOLD_HEADERS = [
  'location',
  'link',
  'etag',
  'retry-after',
  'allow',
  'www-authenticate',
  'x-request-id',
];
const NOT_DESCRIBED = /^\/(?:graphql|graphiql|ruru-static|docs)(?:\/|$)/;

/** Compares answers with the description of the API: route, status, headers, code and every field. */
export class DescriptionCheck {
  readonly #description: Description;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(description: Description) {
    this.#description = description;
    addFormats.default(this.#ajv);
    this.#ajv.addSchema(closed(description) as object, 'description');
  }

  /** @param rest URL of the API */
  static async load(rest: string): Promise<DescriptionCheck> {
    const response = await fetch(`${rest}/openapi.json`);
    return new DescriptionCheck((await response.json()) as Description);
  }

  /** @throws Error that says what of an answer is not described */
  check(method: string, path: string, answer: Answer): void {
    const [route = ''] = path.split('?');
    if (NOT_DESCRIBED.test(route) || method === 'HEAD' || method === 'OPTIONS') {
      return;
    }
    const mediaType = answer.headers.get('content-type')?.split(';', 1)[0];
    const code = mediaType === 'application/problem+json' ? String(answer.json.code) : undefined;
    if (code !== undefined && EVERYWHERE.has(code)) {
      return;
    }
    const where = `${method} ${path.slice(0, 100)} answered ${answer.status} ${code ?? ''}`;
    const [template, operation] = this.#find(method, route, where);
    const described = operation.responses[answer.status];
    if (!described) {
      throw new Error(`${where}: ${operation.operationId} does not describe this status`);
    }
    checkHeaders(answer, described, where);
    const content = described.content?.[mediaType ?? ''];
    if (mediaType === undefined ? described.content : !content) {
      throw new Error(`${where}: a body of type ${mediaType} is not described`);
    }
    if (code !== undefined && !(code in (content?.examples ?? {}))) {
      throw new Error(`${where}: ${operation.operationId} does not describe this code`);
    }
    if (mediaType?.endsWith('json')) {
      const steps = ['paths', template, method.toLowerCase(), 'responses', answer.status];
      const validate = this.#validator([...steps, 'content', mediaType, 'schema']);
      if (!validate(answer.json)) {
        throw new Error(`${where}: ${this.#ajv.errorsText(validate.errors)}`);
      }
    }
  }

  #find(method: string, route: string, where: string): [string, Operation] {
    const steps = route.split('/');
    const matches = Object.keys(this.#description.paths).filter((template) => {
      const wanted = template.split('/');
      return (
        wanted.length === steps.length &&
        wanted.every((step, index) => step.startsWith('{') || step === steps[index])
      );
    });
    const template = matches.find((path) => path === route) ?? matches[0] ?? '';
    const operation = this.#description.paths[template]?.[method.toLowerCase()];
    if (!operation) {
      throw new Error(`${where}: the route is not described`);
    }
    return [template, operation];
  }

  #validator(steps: readonly (string | number)[]): ValidateFunction {
    const pointer = steps
      .map((step) => String(step).replaceAll('~', '~0').replaceAll('/', '~1'))
      .map(encodeURIComponent)
      .join('/');
    const known = this.#validators.get(pointer);
    if (known) {
      return known;
    }
    const validate = this.#ajv.compile({ $ref: `description#/${pointer}` });
    this.#validators.set(pointer, validate);
    return validate;
  }
}

function checkHeaders(answer: Answer, described: Response, where: string): void {
  const names = Object.keys(described.headers ?? {}).map((name) => name.toLowerCase());
  for (const header of TOLD_HEADERS) {
    if (answer.headers.has(header) && !names.includes(header)) {
      throw new Error(`${where}: the header ${header} is not described`);
    }
  }
}

/** The same with objects that have no other fields than those that are described. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) {
    return node.map(closed);
  }
  if (node === null || typeof node !== 'object') {
    return node;
  }
  const entries = Object.entries(node).map(([name, value]) => [name, closed(value)]);
  const isObject = 'properties' in node && !('additionalProperties' in node);
  return { ...Object.fromEntries(entries), ...(isObject ? { additionalProperties: false } : {}) };
}
