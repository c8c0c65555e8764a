import type { Recipe } from './recipe.ts';
import { busybox } from './recipes/busybox.ts';

export const recipes = { busybox } as const satisfies Readonly<Record<string, Recipe>>;

export type ImageName = keyof typeof recipes;

/** Names for several images at once. */
export const imageGroups: Readonly<Record<string, readonly ImageName[]>> = {};
