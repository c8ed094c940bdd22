/** The page of dashboard and report: runs in the browser, connects only to the server that it came from. */
import { start } from './app.js';
import { reportSource } from './report-source.js';
import { serverSource } from './server-source.js';
import { takeToken } from './token.js';

const report = reportSource();
if (report === null) takeToken();
start(document.body, report ?? serverSource());
