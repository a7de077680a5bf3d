import { describe, expect } from 'vitest';
import { limits, parse, RecurrenceError, Series, Zones } from '../../recurrence/index.ts';
import { Dice } from '../recurrence/random-rules.ts';
import { mutate } from './recurrence-mutations.ts';
import { randomText, refusedTexts, takenTexts, vectorTexts } from './recurrence-texts.ts';
import { batch, creation, newEvent, replacement, type Session, schedule, test } from './session.ts';

/** How a text is refused; null: it is taken. */
type Verdict = { readonly code: string; readonly part: string; readonly detail: string } | null;

const MUTATED = 20_000;
const AT_ONCE = 1_000;
const SEED = 6;

/** What find_recurrence_error finds in each text, in one statement. */
async function foundInSql(db: Session, texts: readonly string[]): Promise<Verdict[]> {
  const rows = await db.rows<{ verdict: Verdict }>(
    `select case when e.code is not null then
       jsonb_build_object('code', e.code, 'part', e.part, 'detail', e.part || ' ' || e.problem || '. ' || e.remedy)
     end as verdict
     from unnest($1::text[]) with ordinality as t (text, i)
     cross join lateral scheduler_private.find_recurrence_error(t.text) as e
     order by t.i`,
    [texts],
  );
  return rows.map(({ verdict }) => verdict);
}

/** The same, after seeing that read_recurrence raises just that. */
async function raisedInSql(db: Session, texts: readonly string[]): Promise<Verdict[]> {
  await db.rows(`
    create or replace function pg_temp.raised(p_text text) returns text language plpgsql as $$
    declare
      v_detail text;
    begin
      perform scheduler_private.read_recurrence(p_text);
      return null;
    exception when sqlstate 'SC014' then
      get stacked diagnostics v_detail = pg_exception_detail;
      return v_detail;
    end $$`);
  const rows = await db.rows<{ detail: string | null }>(
    'select pg_temp.raised(t.text) as detail from unnest($1::text[]) with ordinality as t (text, i) order by t.i',
    [texts],
  );
  const verdicts = await foundInSql(db, texts);
  expect(rows.map(({ detail }) => detail)).toEqual(
    verdicts.map((verdict) => verdict?.detail ?? null),
  );
  return verdicts;
}

/** What TypeScript says, in the zones that the database knows, of what does not depend on the start. */
async function typescript(db: Session): Promise<(text: string) => Verdict> {
  const rows = await db.rows<{ name: string }>('select name from scheduler_private.timezones');
  const known = new Set(rows.map(({ name }) => name));
  const zones = new Zones((name) => known.has(name));
  const zone = zones.get('UTC');
  if (!zone) throw new Error('UTC is not known');
  return (text) => {
    try {
      new Series({ ruleSet: parse(text), start: 0, zone, zones });
      return null;
    } catch (error) {
      if (!(error instanceof RecurrenceError)) throw error;
      return { code: error.code, part: error.part, detail: error.message };
    }
  };
}

test.for(refusedTexts)('%j is %s in %s, in both', async ([text, code, part], { db }) => {
  const verdict = (await typescript(db))(text);
  expect(verdict).toMatchObject({ code, part });
  expect(await raisedInSql(db, [text])).toEqual([verdict]);
});

test.for(takenTexts)('%j is taken by both', async (text, { db }) => {
  expect((await typescript(db))(text)).toBeNull();
  expect(await raisedInSql(db, [text])).toEqual([null]);
});

test('the recurrences of the vectors are taken by both', async ({ db }) => {
  const texts = vectorTexts();
  expect(texts.length).toBeGreaterThan(70);
  expect(texts.map(await typescript(db)).filter((verdict) => verdict)).toEqual([]);
  expect((await raisedInSql(db, texts)).filter((verdict) => verdict)).toEqual([]);
});

test('both draw the line at the same sizes', async ({ db }) => {
  const dates = (count: number) => Array(count).fill('20250415T100000').join(',');
  const seventeen = Array.from({ length: limits.zones + 1 }, (_, i) => {
    return `RDATE;TZID=Etc/GMT${i < 9 ? '+' : '-'}${i % 9}:20250415T100000`;
  });
  const texts = [
    `FREQ=DAILY;X=${'1'.repeat(limits.textLength - 13)}`,
    `FREQ=DAILY;X=${'1'.repeat(limits.textLength - 12)}`,
    '\n'.repeat(limits.textLength),
    '\n'.repeat(limits.textLength + 1),
    '\u00fc'.repeat(limits.textLength),
    '\u{1f600}'.repeat(limits.textLength / 2 + 1),
    'x'.repeat(1_000_000),
    Array(limits.rules).fill('FREQ=DAILY').join('\n'),
    Array(limits.rules + 1)
      .fill('FREQ=DAILY')
      .join('\n'),
    `RDATE:${dates(limits.dates)}`,
    `RDATE:${dates(limits.dates + 1)}`,
    `RDATE:${dates(limits.dates)}\nRDATE:${dates(1)}`,
    `RDATE:${dates(limits.dates)}\nRDATE:x`,
    `FREQ=DAILY\nEXDATE:${dates(limits.dates + 1)}\nx:`,
    `FREQ=DAILY\nEXDATE:${dates(limits.dates)}`,
    seventeen.slice(1).join('\n'),
    seventeen.join('\n'),
    [...seventeen, 'RDATE;TZID=A/B:x'].join('\n'),
    [...seventeen, ...seventeen.map((line) => line.replace('RDATE', 'EXDATE'))].join('\n'),
  ];
  const verdicts = texts.map(await typescript(db));
  expect(await raisedInSql(db, texts)).toEqual(verdicts);
});

test(`both judge ${MUTATED} mutated texts alike`, async ({ db }) => {
  const dice = new Dice(SEED);
  const judge = await typescript(db);
  const codes = new Map<string, number>();
  const count = (code: string) => codes.set(code, (codes.get(code) ?? 0) + 1);
  for (let judged = 0; judged < MUTATED; judged += AT_ONCE) {
    const texts = Array.from({ length: AT_ONCE }, () => mutate(dice, randomText(dice)));
    const verdicts = await foundInSql(db, texts);
    const different = texts.flatMap((text, i) => {
      const [ours, theirs] = [judge(text), verdicts[i] as Verdict];
      count(ours?.code ?? 'taken');
      return agree(text, ours, theirs) ? [] : [{ text, typescript: ours, sql: theirs }];
    });
    expect(different).toEqual([]);
  }
  const rare = [...codes].filter(([, times]) => times < MUTATED / 400);
  expect(rare).toEqual([]);
  expect([...codes.keys()].sort()).toEqual([
    ...['contradiction', 'malformed', 'missing', 'out_of_range', 'repeated', 'taken'],
    ...['unknown_timezone', 'unsupported'],
  ]);
});

function agree(text: string, ours: Verdict, theirs: Verdict): boolean {
  if (ours?.code === 'contradiction' && ours.part === 'RDATE') {
    // That a period ends before it starts depends on zones: SQL does not look at it.
    return theirs === null || theirs.code === 'unknown_timezone';
  }
  // A quotation may end within a character beyond U+FFFF.
  const isWide = /[\u{10000}-\u{10ffff}]/u.test(text);
  return (
    ours?.code === theirs?.code &&
    ours?.part === theirs?.part &&
    (isWide || ours?.detail === theirs?.detail)
  );
}

describe('an event', () => {
  const invalid = { code: 'invalid_recurrence', sqlstate: 'SC014' };
  const detail = 'COUNT is "0". Write a whole number from 1 to 1000000000000000.';

  test('with a recurrence that is not well formed says so, whatever else it has', async ({
    db,
  }) => {
    const fields = {
      recurrence: 'FREQ=DAILY;COUNT=0',
      missed: 'all',
      gap: 'skip',
      overlap: 'both',
    };
    const refused = { ...invalid, detail };
    expect(await db.refusal(...creation(newEvent(fields)))).toMatchObject({
      ...refused,
      field: 'recurrence',
    });
    expect(await db.refusal(...batch([newEvent(), newEvent(fields)]))).toMatchObject({
      ...refused,
      field: '[1].recurrence',
    });
    const { id } = await schedule(db);
    expect(await db.refusal(...replacement(id, fields))).toMatchObject({
      ...refused,
      field: 'recurrence',
    });
  });

  test.for([[null], ['']])('with the recurrence %j is one-off', async ([recurrence], { db }) => {
    expect(await schedule(db, { recurrence })).toMatchObject({ status: 'SCHEDULED' });
  });
});
