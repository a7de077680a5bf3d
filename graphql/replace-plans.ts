import './production.ts';
import 'postgraphile';
import type { FieldPlanResolver } from 'postgraphile/grafast';

export type Plans = Readonly<Record<string, Readonly<Record<string, FieldPlanResolver>>>>;

/**
 * Fields that PostGraphile makes of the schema, with their names, types and descriptions, but planned by
 * us: what they do is what REST does.
 * @param plans by type and field
 */
export function replacePlans(name: string, plans: Plans): GraphileConfig.Plugin {
  return {
    name,
    version: '0.0.0',
    schema: {
      hooks: {
        GraphQLObjectType_fields_field(field, _build, { Self, scope }) {
          const plan = plans[Self.name]?.[scope.fieldName];
          if (!plan) {
            return field;
          }
          // Arguments have plans, too, which expect the step that is not there any more.
          const args = Object.fromEntries(
            Object.entries(field.args ?? {}).map(([arg, { applyPlan: _, ...config }]) => [
              arg,
              config,
            ]),
          );
          return { ...field, args, plan };
        },
      },
    },
  };
}
