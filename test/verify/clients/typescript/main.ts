// Uses the types that openapi-typescript generates, by openapi-fetch. Prints what it saw as JSON.
import createClient from 'openapi-fetch';
import type { paths } from './api/index.js';

const client = createClient<paths>({ baseUrl: process.env.SCHEDULER_URL ?? '' });

const created = await client.POST('/events', {
  body: {
    scheduledAt: '2035-04-15T10:00:00',
    timezone: 'Asia/Tokyo',
    recurrence: 'RRULE:FREQ=DAILY;COUNT=10\nEXDATE:20350423T100000',
    payload: btoa('hello world'),
    destinationTopic: 'a-destination-topic',
  },
});
const series = created.data;
if (!series) throw new Error(created.error.detail);
const path = { id: series.id };
const status = await client.GET('/events/{id}/status', { params: { path } });
const { data: instances = [] } = await client.GET('/events/{id}/instances', { params: { path } });
const instance = instances[8];
if (!instance) throw new Error('there is no such instance');
// The whole event, as GET gave it.
const changed = await client.PUT('/events/{id}', {
  params: { path: { id: instance.id } },
  body: { ...instance, payload: btoa('another'), destinationTopic: 'another-topic' },
});
const canceled = await client.PATCH('/events/{id}/cancel', { params: { path } });
const { error: problem } = await client.POST('/events', {
  body: { scheduledAt: '2035-04-15T10:00:00', destinationTopic: 'no topic', payload: '' },
});
process.stdout.write(
  JSON.stringify({
    id: series.id,
    created: series.status,
    scheduledInstant: series.scheduledInstant,
    status: status.data?.status,
    instances: instances.length,
    instance: instance.id,
    payload: atob(instance.payload ?? ''),
    changed: changed.data?.destinationTopic,
    canceled: canceled.data?.status,
    problem: { status: problem?.status, code: problem?.code, field: problem?.field },
  }),
);
