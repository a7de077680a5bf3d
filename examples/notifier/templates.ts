import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Liquid } from 'liquidjs';
import { DeadLetter } from './dead-letter.ts';
import type { Notification } from './notification.ts';

export interface Rendered {
  readonly subject: string;
  readonly text: string;
}

/** Renders a notification by the template that its `Ref` names. */
export type Render = (notification: Notification) => Rendered;

/**
 * Parses all templates of a folder: Liquid, `Subject: …` in the first line, the text after an empty
 * one. They see the notification's `Data`, and all of it as `notification`.
 * @throws Error that names the template that cannot be read
 */
export function loadTemplates(folder: string): Render {
  // Half a bill is worse than none: whatever is missing is an error. Limits, for data are others'.
  const engine = new Liquid({
    ...{ strictVariables: true, strictFilters: true },
    ...{ renderLimit: 1_000, memoryLimit: 10_000_000 },
  });
  engine.registerFilter('money', money);
  const templates = new Map(
    readdirSync(folder)
      .filter((name) => name.endsWith('.txt'))
      .map((name) => {
        const [subject, text] = split(name, readFileSync(join(folder, name), 'utf8'));
        return [name, { subject: engine.parse(subject), text: engine.parse(text) }] as const;
      }),
  );
  return (notification) => {
    const name = notification.Ref.ID;
    const template = templates.get(name);
    if (!template) throw new DeadLetter(`/Ref/ID names no template: ${name}`);
    const scope = { ...notification.Data, notification };
    try {
      return {
        subject: String(engine.renderSync(template.subject, scope)).replace(/\s+/g, ' ').trim(),
        text: String(engine.renderSync(template.text, scope)),
      };
    } catch (error) {
      throw new DeadLetter(`/Data does not fill ${name}: ${(error as Error).message}`, error);
    }
  };
}

/** `{{ 30.5 | money: "EUR" }}` is €30.50. @param currency ISO 4217 */
function money(amount: unknown, currency: string): string {
  if (typeof amount !== 'number') throw new Error(`not an amount: ${amount}`);
  return new Intl.NumberFormat('en', { style: 'currency', currency }).format(amount);
}

function split(name: string, source: string): [subject: string, text: string] {
  const match = /^Subject: (.+)\r?\n\r?\n([\s\S]*)$/.exec(source);
  if (!match) throw new Error(`template ${name} has no "Subject: …" line followed by an empty one`);
  return [match[1] as string, match[2] as string];
}
