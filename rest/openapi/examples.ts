/** Request bodies of the description, by operation. A test sends each of them. */
export const requestExamples: Readonly<
  Record<string, Readonly<Record<string, { readonly summary: string; readonly value: object }>>>
> = {
  createEvent: {
    oneOff: {
      summary: 'An event at an instant',
      value: {
        scheduledAt: '2035-03-09T17:43:00Z',
        payload: 'eyJpZCI6MX0=',
        destinationTopic: 'notification.notifications',
      },
    },
    series: {
      summary: 'A series: every day at ten in Tokyo, ten times but one, and once more',
      value: {
        scheduledAt: '2035-04-15T10:00:00',
        timezone: 'Asia/Tokyo',
        payload: 'aGVsbG8gd29ybGQK',
        destinationTopic: 'a-destination-topic',
        endsAt: '2035-04-15T10:30:00',
        recurrence: 'RRULE:FREQ=DAILY;COUNT=10\nEXDATE:20350423T100000\nRDATE:20350430T100000',
      },
    },
    withKey: {
      summary: 'With a key and headers; no more published when fifteen minutes late',
      value: {
        scheduledAt: '2035-03-09T17:43:00+09:00',
        payload: 'aGVsbG8=',
        destinationTopic: 'a-destination-topic',
        key: 'customer-1',
        headers: { 'content-type': 'text/plain' },
        maxLateness: 'PT15M',
      },
    },
  },
  createEvents: {
    two: {
      summary: 'Two at once',
      value: [
        {
          scheduledAt: '2035-03-09T17:43:00Z',
          payload: 'eyJpZCI6MX0=',
          destinationTopic: 'notification.notifications',
        },
        {
          scheduledAt: '2035-03-09T08:00:00',
          timezone: 'Europe/Berlin',
          payload: 'eyJpZCI6Mn0=',
          destinationTopic: 'notification.notifications',
        },
      ],
    },
  },
  replaceEvent: {
    moved: {
      summary: 'At another time',
      value: {
        scheduledAt: '2035-03-10T08:00:00Z',
        payload: 'eyJpZCI6MX0=',
        destinationTopic: 'notification.notifications',
      },
    },
  },
  previewRecurrence: {
    lastFridays: {
      summary: 'The last Friday of every month',
      value: {
        scheduledAt: '2035-01-26T18:00:00',
        timezone: 'Europe/Berlin',
        recurrence: 'RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=12',
      },
    },
  },
};
