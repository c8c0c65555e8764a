import type { DatabaseSync } from 'node:sqlite';

/** Names of the containers, running or not, whose root or mount an image is. */
export function imageUsers(database: DatabaseSync, id: string): readonly string[] {
  return database
    .prepare(
      `SELECT name FROM containers WHERE image_id = ?1
         OR EXISTS (SELECT 1 FROM json_each(spec, '$.mounts') WHERE json_extract(value, '$.imageId') = ?1)
       ORDER BY name`,
    )
    .all(id)
    .map((row) => String(row['name']));
}
