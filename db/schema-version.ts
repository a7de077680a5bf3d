/** Version of the schema that these programs are written for: `scheduler.schema_version()`. */
export const schemaVersion = 3;
