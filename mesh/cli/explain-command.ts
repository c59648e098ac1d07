// `mesh explain [service]`: every rule and what becomes of each of its fields here. Needs nothing running.

import { readManifestFiles } from '../control/manifest-folder.ts';
import { type ExplainedField, explain } from '../rules/explain.ts';
import { formatProblem, loadRuleSet } from '../rules/index.ts';
import { findServiceByName } from '../rules/predict/find-workload.ts';
import { type Command, textOption } from './command.ts';
import type { Output } from './output.ts';

export const explainCommand: Command = {
  name: 'explain',
  summary: 'every rule: applied, approximated or not applied here, and why',
  help: `mesh explain [service] [--manifests DIR] [--json]

Lists the rules of the manifests, or those that concern one service, and says of each field whether the laptop
mesh applies it as Istio documents it, approximates it, or does not apply it, and why. Nothing has to run.

  --manifests DIR   the manifests to read (default: infra)`,
  options: { manifests: { type: 'string' } },
  async run([name], options, output) {
    const rules = loadRuleSet(await readManifestFiles([textOption(options, 'manifests') ?? 'infra']));
    const explanation = explain(rules, name === undefined ? undefined : findServiceByName(rules, name));
    if (options.json === true) output.json(explanation);
    else {
      for (const rule of explanation.rules) {
        output.line(`${rule.object}  (${rule.at})`);
        if (rule.applied.length > 0) output.line(`  applied: ${rule.applied.join(', ')}`);
        writeFields(output, 'approximated', rule.approximated);
        writeFields(output, 'not applied', rule.notApplied);
        output.line();
      }
      for (const warning of explanation.warnings) output.line(formatProblem(warning));
      const others = Object.entries(explanation.passedOver).map(([kind, count]) => `${count} ${kind}`);
      if (others.length > 0) output.line(`Not the mesh's business: ${others.join(', ')}.`);
    }
    return 0;
  },
};

function writeFields(output: Output, status: string, fields: readonly ExplainedField[]): void {
  for (const { field, at, why } of fields)
    output.line(`  ${status}: ${field === '' ? 'all of it' : field} (${at}): ${why}`);
}
