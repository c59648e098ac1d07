// Where contracts come from: a folder of `.proto` files and the file that declares each name.
// Files are parsed at the first use of a name in them, so a process holds only the contracts that it serves and calls.
import type protobuf from 'protobufjs';
import Protobuf from 'protobufjs';
import { sources } from '#proto/sources.ts';
import { TypeCodecs } from './codec/type-codec.ts';
import { contractFiles, loadRoot, protoFolder } from './proto-root.ts';

/** Reflected contracts, loaded file by file. */
export class ContractSource {
  readonly codecs: TypeCodecs = new TypeCodecs();
  /** Folders that hold the files; imports are looked up in each of them in turn. */
  readonly folders: readonly string[];
  readonly #root = new Protobuf.Root();
  readonly #loaded = new Set<string>();
  readonly #fileOf: (name: string) => string | undefined;

  /** @param fileOf path of the file, below one of the folders, that declares a message or service */
  constructor(folders: readonly string[], fileOf: (name: string) => string | undefined) {
    this.folders = folders;
    this.#fileOf = fileOf;
  }

  /** Contracts of a folder of one's own, all of them loaded at once: for tests and tools. */
  static ofFolder(folder: string): ContractSource {
    const source = new ContractSource([folder, protoFolder], () => undefined);
    loadRoot(contractFiles(folder), source.folders, { lean: true, into: source.#root });
    return source;
  }

  /** The file that declares a name, relative to its folder. */
  fileOf(name: string): string {
    return this.#fileOf(name) ?? '';
  }

  /** @throws Error when no contract declares the message */
  message(name: string): protobuf.Type {
    this.#load(name);
    return this.#root.lookupType(name);
  }

  /** @throws Error when no contract declares the service */
  service(name: string): protobuf.Service {
    this.#load(name);
    return this.#root.lookupService(name);
  }

  #load(name: string): void {
    const file = this.#fileOf(name);
    if (file === undefined || this.#loaded.has(file)) return;
    loadRoot([file], this.folders, { lean: true, into: this.#root });
    this.#loaded.add(file);
  }
}

/** The contracts of the platform. */
export const platformContracts: ContractSource = new ContractSource([protoFolder], (name) => sources[name]);
