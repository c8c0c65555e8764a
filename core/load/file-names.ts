/** Names of a compose file in a directory, the preferred one first (Compose Specification, "The Compose file"). */
export const fileNames = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
