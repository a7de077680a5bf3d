import { Type } from 'typebox';
import { text } from './fields.ts';

export const warningSchema = Type.Object(
  {
    code: text('`start_not_matching` or `past_occurrences`.'),
    detail: text('What it means here.'),
  },
  { $id: 'Warning', description: 'What to know of a recurrence that is taken all the same.' },
);
