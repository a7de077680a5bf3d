import type { Property } from '../../../chaos/verdict.ts';
import { history, type Part } from './story.ts';

/** What a property says against a history of these parts, in one text; empty when nothing. */
export function messagesOf(property: Property): (...parts: Part[]) => string {
  return (...parts) =>
    property
      .judge(history(...parts))
      .violations.map(({ message }) => message)
      .join('; ');
}
