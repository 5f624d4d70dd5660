/**
 * The script that threads are run by, for the `workerUrl` of createEngine and for bundlers that have to
 * be told of it. It exports nothing, and does nothing but in a worker of gradlane's.
 */
export {};
