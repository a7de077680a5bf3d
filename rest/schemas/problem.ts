import { Type } from 'typebox';
import { text } from './fields.ts';

export const problemSchema = Type.Object(
  {
    type: text('URN of the error, stable.'),
    title: text('What went wrong.'),
    status: Type.Integer({ description: 'Status of the answer.' }),
    detail: text('What went wrong here.'),
    code: text('Name of the error, stable.'),
    field: Type.Optional(text('JSON path of the field at fault.')),
    hint: Type.Optional(text('What would be right.')),
    instance: Type.Optional(
      text('URN of this request, with the id that X-Request-Id and the log of the server have.'),
    ),
  },
  { $id: 'Problem', description: 'Problem details (RFC 9457).' },
);

/** Which error a wrong type is: the one that SQL raises for a wrong value of that field. */
export const fieldErrors: Readonly<Record<string, string>> = {
  id: 'invalid_id',
  scheduledAt: 'invalid_date_time',
  timezone: 'invalid_timezone',
  payload: 'invalid_payload',
  destinationTopic: 'invalid_topic',
  endsAt: 'invalid_date_time',
  recurrence: 'invalid_recurrence',
  from: 'invalid_date_time',
  to: 'invalid_date_time',
  cursor: 'bad_request',
  limit: 'bad_request',
  gap: 'invalid_policy',
  overlap: 'invalid_policy',
  missed: 'invalid_policy',
  maxLateness: 'invalid_duration',
  headers: 'invalid_headers',
};
