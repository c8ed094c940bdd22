import { Command } from 'commander';
import { packageVersion } from '../app/index.js';
import { agentCommand } from './commands/agent.js';
import { archCommand } from './commands/arch.js';
import { benchCommand } from './commands/bench.js';
import { compareCommand } from './commands/compare.js';
import { dashboardCommand } from './commands/dashboard.js';
import { dataCommand } from './commands/data.js';
import { detectorCommand } from './commands/detector.js';
import { doctorCommand } from './commands/doctor.js';
import { exportCommand } from './commands/export.js';
import { familyCommand } from './commands/family.js';
import { frontierCommand } from './commands/frontier.js';
import { latencyCommand } from './commands/latency.js';
import { netadaptCommand } from './commands/netadapt.js';
import { pruneCommand } from './commands/prune.js';
import { proxyCheckCommand } from './commands/proxy-check.js';
import { replayCommand } from './commands/replay.js';
import { reportCommand } from './commands/report.js';
import { repairCommand } from './commands/repair.js';
import { retrainCommand } from './commands/retrain.js';
import { searchCommand } from './commands/search.js';
import { setupCommand } from './commands/setup.js';
import { showCommand } from './commands/show.js';
import { spaceCommand } from './commands/space.js';
import { startCommand } from './commands/start.js';
import { studiesCommand } from './commands/studies.js';
import { trialsCommand } from './commands/trials.js';
import { workerCommand } from './commands/worker.js';
import { workersCommand } from './commands/workers.js';
import type { Output } from './output.js';
import { strict } from './run.js';

/** The whole command line, in the order in which one meets it. */
export function nasProgram(output: Output): Command {
  const program = new Command('nas')
    .description(
      'Finds, shrinks and exports the most accurate convolutional backbone within a latency on your device.',
    )
    .version(packageVersion())
    .addCommand(startCommand(output))
    .addCommand(setupCommand(output))
    .addCommand(doctorCommand(output))
    .addCommand(dataCommand(output))
    .addCommand(archCommand(output))
    .addCommand(detectorCommand(output))
    .addCommand(spaceCommand(output))
    .addCommand(proxyCheckCommand(output))
    .addCommand(searchCommand(output))
    .addCommand(netadaptCommand(output))
    .addCommand(retrainCommand(output))
    .addCommand(studiesCommand(output))
    .addCommand(trialsCommand(output))
    .addCommand(showCommand(output))
    .addCommand(familyCommand(output))
    .addCommand(compareCommand(output))
    .addCommand(frontierCommand(output))
    .addCommand(replayCommand(output))
    .addCommand(pruneCommand(output))
    .addCommand(dashboardCommand(output))
    .addCommand(reportCommand(output))
    .addCommand(repairCommand(output))
    .addCommand(exportCommand(output))
    .addCommand(latencyCommand(output))
    .addCommand(benchCommand(output))
    .addCommand(agentCommand(output))
    .addCommand(workerCommand(output))
    .addCommand(workersCommand(output));
  return strict(program);
}

/** The command `netadapt`, which is `nas netadapt`. */
export function netadaptProgram(output: Output): Command {
  return strict(netadaptCommand(output).version(packageVersion()));
}
