import type { RowQuery } from '../trials/index.js';
import type { Problem } from '../report/index.js';
import { partOf } from './part.js';
import type { Studies } from './studies.js';

/** What the page asks of the studies; what it holds was checked before. */
export type Question =
  | { readonly about: 'list' }
  | { readonly about: 'study'; readonly name: string; readonly from: number; readonly created: number }
  | { readonly about: 'trial'; readonly name: string; readonly id: number }
  | {
      readonly about: 'rows';
      readonly name: string;
      readonly query: RowQuery;
      readonly columns: 'all' | 'trial';
    };

/** A question on its way to the thread that reads, by the number under which its answer comes back. */
export interface Asked {
  readonly id: number;
  readonly question: Question;
}

/** JSON text, or why there is none. */
export type Answered =
  { readonly id: number; readonly text: string } | { readonly id: number; readonly problem: Problem };

/** @throws NasError as {@link Studies} */
export function answerTo(studies: Studies, question: Question): string {
  switch (question.about) {
    case 'list':
      return JSON.stringify(studies.list());
    case 'study':
      return JSON.stringify(partOf(studies.view(question.name), question));
    case 'trial':
      return JSON.stringify(studies.trial(question.name, question.id));
    case 'rows': {
      const { name, query, columns } = question;
      return JSON.stringify(columns === 'trial' ? studies.numbers(name, query) : studies.rows(name, query));
    }
  }
}
