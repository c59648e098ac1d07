// NestJS with its gRPC microservice transport, server and client as its documentation shows them.
import 'reflect-metadata';
import net from 'node:net';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientProxyFactory, GrpcMethod, Transport } from '@nestjs/microservices';
import { count, firstValueFrom, from, lastValueFrom } from 'rxjs';
import {
  boardRequest,
  entries,
  first,
  leaderboards,
  protoFile,
  protoFolders,
  scoreRequest,
  streamRequest,
} from '../workload.ts';

const options = (url) => ({
  transport: Transport.GRPC,
  options: {
    url,
    package: 'fairlead.bench.v1',
    protoPath: protoFile,
    loader: { includeDirs: protoFolders, longs: Number, enums: String, defaults: true, oneofs: true },
  },
});

class BenchController {
  getScore() {
    return { entry: first };
  }
  getLeaderboard(request) {
    return { entries: leaderboards.get(request.size) };
  }
  streamScores(request) {
    return from(entries.slice(0, request.size).map((entry) => ({ entry })));
  }
}

function decorate() {
  Reflect.decorate?.([], BenchController);
  for (const [rpc, method] of [
    ['GetScore', 'getScore'],
    ['GetLeaderboard', 'getLeaderboard'],
    ['StreamScores', 'streamScores'],
  ]) {
    const descriptor = Object.getOwnPropertyDescriptor(BenchController.prototype, method);
    GrpcMethod('BenchService', rpc)(BenchController.prototype, method, descriptor);
  }
}

const freePort = () =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

export async function serve() {
  const { Controller } = await import('@nestjs/common');
  decorate();
  Controller()(BenchController);
  class BenchModule {}
  Module({ controllers: [BenchController] })(BenchModule);
  const port = await freePort();
  const app = await NestFactory.createMicroservice(BenchModule, { ...options(`127.0.0.1:${port}`), logger: false });
  await app.listen();
  return { port };
}

export async function connect({ port }) {
  const proxy = ClientProxyFactory.create(options(`127.0.0.1:${port}`));
  const client = proxy.getService('BenchService');
  return {
    small: () => firstValueFrom(client.getScore(scoreRequest)),
    large: () => firstValueFrom(client.getLeaderboard(boardRequest)),
    stream: () => lastValueFrom(client.streamScores(streamRequest).pipe(count())),
  };
}
