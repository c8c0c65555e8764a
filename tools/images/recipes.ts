import type { Recipe } from './recipe.ts';
import { busybox } from './recipes/busybox.ts';
import { debian } from './recipes/debian.ts';

/** Base images: they stand in for a registry that cannot be reached. All others are built from Dockerfiles. */
export const recipes = { busybox, debian } as const satisfies Readonly<Record<string, Recipe>>;

export type BaseName = keyof typeof recipes;
