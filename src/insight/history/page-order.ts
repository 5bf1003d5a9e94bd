import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';

/** How unsure an answer was, and how unusual its image. */
export interface ReviewScores {
  /** 0..1, low when unsure. */
  readonly margin: number;
  /** 0..1, high when unsure. */
  readonly entropy: number;
  /** Of the image's features from those of the training images, high when unusual; null for versions that know no distance. */
  readonly distance: number | null;
}

export type ReviewSort = keyof ReviewScores;

/** Orders of pages; all but the first are named after the columns that they sort by. */
export const PAGE_SORTS = ['newest', 'margin', 'entropy', 'distance'] as const satisfies readonly (
  | 'newest'
  | ReviewSort
)[];

export type PageSort = (typeof PAGE_SORTS)[number];

/** How a store walks its index of a column. */
export const WALKS: Readonly<
  Record<ReviewSort, { readonly after: '>' | '<'; readonly order: 'ASC' | 'DESC' }>
> = {
  margin: { after: '>', order: 'ASC' },
  entropy: { after: '<', order: 'DESC' },
  distance: { after: '<', order: 'DESC' },
};

const UUID = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';
const CURSOR = new RegExp(`^(?:(-?[0-9.]+(?:e[+-][0-9]+)?)_)?(${UUID})$`);

/** Id of the last prediction of a page; of a sorted page, its value in front. */
export const cursorSchema = z.string().regex(CURSOR, 'expected `next` of an earlier page');

interface SortedCursor {
  readonly value: number;
  readonly id: string;
}

/** @throws FoveaError `bad_request` for a cursor of another order */
export function parseSortedCursor(cursor: string): SortedCursor {
  const [, value, id] = CURSOR.exec(cursor) ?? [];
  if (value !== undefined && id !== undefined) return { value: Number(value), id };
  throw new FoveaError('bad_request', '`before` is from a page in another order: start again without it.');
}

/** @throws FoveaError `bad_request` for a cursor of another order */
export function requireIdCursor(cursor: string | undefined): string | undefined {
  if (cursor?.includes('_') !== true) return cursor;
  throw new FoveaError('bad_request', '`before` is from a page in another order: start again without it.');
}

export function toSortedCursor(value: number, id: string): string {
  return `${value}_${id}`;
}
