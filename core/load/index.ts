import { interpolate } from './02-interpolate.pass.ts';
import { include, type LoadModel } from './03-include.pass.ts';
import { extend, type LoadExtended } from './04-extends.pass.ts';
import { merge } from './05-merge.pass.ts';
import { unique } from './06-unique.pass.ts';
import { validateSchema } from './07-schema.pass.ts';
import { canonicalise } from './08-canonical.pass.ts';
import { setDefaults } from './09-defaults.pass.ts';
import { checkValues } from './10-values.pass.ts';
import { resolvePaths } from './11-paths.pass.ts';
import { resolveEnvironment } from './12-environment.pass.ts';
import type { DocumentPass, ModelPass } from './context.ts';

export interface Passes {
  /** Applied to each document of each file; from `merge` on, to the document merged over all earlier ones. */
  readonly document: readonly DocumentPass[];
  /** The same for a file that is only extended from: no includes, no chain of its own, no checks. */
  readonly extended: readonly DocumentPass[];
  /** Applied once to the merged tree of a model. `01-tags` comes before all of them, `13-normalise` after. */
  readonly model: readonly ModelPass[];
}

/** The order of all passes. Two of them load further files and are given the means to. */
export function passes(load: { readonly model: LoadModel; readonly extended: LoadExtended }): Passes {
  return {
    document: [interpolate, include(load.model), extend(load.extended), merge, unique, validateSchema, canonicalise, unique],
    extended: [interpolate, merge, unique, canonicalise, unique],
    model: [setDefaults, checkValues, resolvePaths, resolveEnvironment],
  };
}
