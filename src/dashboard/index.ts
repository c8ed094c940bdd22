/** Local web server and page: shows all studies of the runs folder while they change. Reads the stores only. */
export { startDashboard, type Dashboard, type DashboardOptions } from './server.js';
export { DASHBOARD_PORT } from './address.js';
