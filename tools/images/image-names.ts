import { type BaseName, recipes } from './recipes.ts';
import { type SampleImageName, sampleImages } from './sample-images.ts';

export type ImageName = BaseName | SampleImageName;

/** Names for several images at once. */
export const imageGroups: Readonly<Record<string, readonly ImageName[]>> = {
  dev: ['dev-web', 'redis', 'busybox'],
  guestbook: ['postgres', 'guestbook-app', 'nginx'],
  registry: ['postgres', 'registry-core', 'registry-jobservice', 'docker-registry', 'nginx', 'redis', 'rsyslog'],
};

/** Images by their names and those of groups. Throws with the names that there are. */
export function imageNamesFrom(words: readonly string[]): readonly ImageName[] {
  return words.flatMap((word) => {
    const group = imageGroups[word];
    if (group !== undefined) return group;
    if (word in recipes || word in sampleImages) return [word as ImageName]; // parser: checked by `in`
    const all = [recipes, sampleImages, imageGroups].flatMap((table) => Object.keys(table));
    throw new Error(`there is no image "${word}"; there are ${all.join(', ')}`);
  });
}
