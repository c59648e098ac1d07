// The rules in force: what the folder says, with live changes on top. A bad set is refused and the last good one stays.
// Followers get a finished snapshot in one call, so a call is decided by the old rules or by the new ones, never by both.

import { buildRuleSet, InvalidRulesError, type ManifestFile, type Problem, type RuleSet } from '../rules/index.ts';
import { type LiveChange, withChanges } from './live-change.ts';
import { readManifestFiles, watchManifests } from './manifest-folder.ts';

export interface ReloadResult {
  readonly version: string;
  readonly changed: boolean;
  /** Why a new set was refused; empty when it is in force. */
  readonly refused: readonly Problem[];
}

export class RuleStore {
  readonly #sources: readonly string[];
  readonly #namespace: string | undefined;
  readonly #followers = new Set<(rules: RuleSet) => void>();
  #files: readonly ManifestFile[];
  /** Without the live changes. */
  #declared: RuleSet;
  #rules: RuleSet;
  #changes: readonly LiveChange[] = [];
  #refused: readonly Problem[] = [];
  #queue: Promise<unknown> = Promise.resolve();
  #unwatch: (() => void) | undefined;

  private constructor(
    sources: readonly string[],
    namespace: string | undefined,
    files: readonly ManifestFile[],
    rules: RuleSet,
  ) {
    this.#sources = sources;
    this.#namespace = namespace;
    this.#files = files;
    this.#declared = rules;
    this.#rules = rules;
  }

  /** Throws InvalidRulesError when the manifests are not valid: there is no last good set at start. */
  static async open(sources: readonly string[], namespace?: string): Promise<RuleStore> {
    const files = await readManifestFiles(sources);
    return new RuleStore(sources, namespace, files, valid(files, namespace));
  }

  get rules(): RuleSet {
    return this.#rules;
  }

  get changes(): readonly LiveChange[] {
    return this.#changes;
  }

  /** Why the files as they are now are not in force; empty when they are. */
  get refused(): readonly Problem[] {
    return this.#refused;
  }

  follow(follower: (rules: RuleSet) => void): void {
    this.#followers.add(follower);
  }

  watch(onReload: (result: ReloadResult) => void): void {
    this.#unwatch ??= watchManifests(this.#sources, () => void this.reload().then(onReload, () => {}));
  }

  close(): void {
    this.#unwatch?.();
    this.#followers.clear();
  }

  /** Reads the folder again. */
  reload(): Promise<ReloadResult> {
    return this.#inOrder(async () => {
      try {
        const files = await readManifestFiles(this.#sources);
        const declared = valid(files, this.#namespace);
        const rules =
          this.#changes.length === 0 ? declared : valid(withChanges(files, this.#changes, declared), this.#namespace);
        const changed = declared.version !== this.#declared.version;
        this.#files = files;
        this.#declared = declared;
        this.#refused = [];
        if (changed) this.#swap(rules);
        return { version: rules.version, changed, refused: [] };
      } catch (error) {
        if (!(error instanceof InvalidRulesError)) throw error;
        this.#refused = error.problems;
        return { version: this.#rules.version, changed: false, refused: error.problems };
      }
    });
  }

  /** Puts a change on top of those there are; one about the same thing takes the place of the earlier one. */
  change(change: LiveChange): Promise<void> {
    return this.#inOrder(async () =>
      this.#setChanges([...this.#changes.filter((each) => !sameSubject(each, change)), change]),
    );
  }

  reset(): Promise<void> {
    return this.#inOrder(async () => this.#setChanges([]));
  }

  #setChanges(changes: readonly LiveChange[]): void {
    const rules =
      changes.length === 0 ? this.#declared : valid(withChanges(this.#files, changes, this.#declared), this.#namespace);
    this.#changes = changes;
    this.#swap(rules);
  }

  #swap(rules: RuleSet): void {
    this.#rules = rules;
    for (const follower of this.#followers) follower(rules);
  }

  #inOrder<T>(step: () => Promise<T>): Promise<T> {
    const run = this.#queue.then(step);
    this.#queue = run.catch(() => {});
    return run;
  }
}

function valid(files: readonly ManifestFile[], namespace: string | undefined): RuleSet {
  const { rules, problems } = buildRuleSet(files, namespace);
  if (rules === undefined) throw new InvalidRulesError(problems.filter((each) => each.severity === 'error'));
  return rules;
}

function sameSubject(left: LiveChange, right: LiveChange): boolean {
  if (left.service !== right.service) return false;
  if (left.kind === 'set') return right.kind === 'set' && left.path === right.path;
  return right.kind === 'fault' && left.method === right.method;
}
