// Where commands look for a server: apart from the client that speaks to it, which help texts do not need.

/** Where the embedded server listens unless told otherwise. */
export const DEFAULT_URL = 'http://127.0.0.1:8082';
