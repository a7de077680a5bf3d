/** Where an event stands; the last three are final. */
export type EventStatus = 'SCHEDULED' | 'PUBLISHED' | 'CANCELED' | 'FAILED';
