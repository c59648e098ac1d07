// The Go peer: grpc-go's server and client behind the benchmark's messages (lines of JSON on stdin and stdout).
//
//	go-peer serve                            serves on a free port and says which
//	go-peer drive PORT SHAPE CONCURRENCY     calls it
//
// BENCH_CERT and BENCH_KEY name PEM files and turn TLS on; BENCH_TOKEN is sent as a bearer token.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	pb "fairlead.example/bench/gen/fairlead/bench/v1"
)

const roundTrips = 100

const player = "3f2b8c1e-9a4d-7c11-a0be-5d2f8e6a1b34"

var entries = makeEntries(10000)

func makeEntries(count int) []*pb.Entry {
	list := make([]*pb.Entry, count)
	for i := range list {
		list[i] = &pb.Entry{PlayerId: player, DisplayName: fmt.Sprintf("Player %06x", i*7919), Score: int64(i) * 99991, Rank: int32(i + 1),
			UpdateTimeMs: 1790000000000 + int64(i)*1234567, CountryCode: "GB", WinRatio: float64(i%10000) / 10000, Badges: []string{"first-win", "streak-10"}}
	}
	return list
}

type server struct{ pb.UnimplementedBenchServiceServer }

func (server) GetScore(context.Context, *pb.GetScoreRequest) (*pb.GetScoreResponse, error) {
	return &pb.GetScoreResponse{Entry: entries[0]}, nil
}

func (server) GetLeaderboard(_ context.Context, r *pb.GetLeaderboardRequest) (*pb.GetLeaderboardResponse, error) {
	return &pb.GetLeaderboardResponse{Entries: entries[:r.Size]}, nil
}

func (server) StreamScores(r *pb.StreamScoresRequest, s grpc.ServerStreamingServer[pb.StreamScoresResponse]) error {
	for i := 0; i < int(r.Size); i++ {
		if err := s.Send(&pb.StreamScoresResponse{Entry: entries[i]}); err != nil {
			return err
		}
	}
	return nil
}

func (server) Converse(s grpc.BidiStreamingServer[pb.ConverseRequest, pb.ConverseResponse]) error {
	for {
		if _, err := s.Recv(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := s.Send(&pb.ConverseResponse{Entry: entries[0]}); err != nil {
			return err
		}
	}
}

func cpuMicros() int64 {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return (usage.Utime.Nano() + usage.Stime.Nano()) / 1000
}

func say(value any) {
	line, _ := json.Marshal(value)
	fmt.Println(string(line))
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "go-peer:", err)
	os.Exit(1)
}

func serve() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail(err)
	}
	var options []grpc.ServerOption
	if cert := os.Getenv("BENCH_CERT"); cert != "" {
		keys, err := credentials.NewServerTLSFromFile(cert, os.Getenv("BENCH_KEY"))
		if err != nil {
			fail(err)
		}
		options = append(options, grpc.Creds(keys))
	}
	s := grpc.NewServer(options...)
	pb.RegisterBenchServiceServer(s, server{})
	go func() { _ = s.Serve(listener) }()
	say(map[string]int{"port": listener.Addr().(*net.TCPAddr).Port})
	last := cpuMicros()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		now := cpuMicros()
		say(map[string]int64{"cpu": now - last, "rss": 0})
		last = now
	}
}

func drive(port, shape string, concurrency int) {
	keys := insecure.NewCredentials()
	if cert := os.Getenv("BENCH_CERT"); cert != "" {
		var err error
		if keys, err = credentials.NewClientTLSFromFile(cert, "localhost"); err != nil {
			fail(err)
		}
	}
	connection, err := grpc.NewClient("127.0.0.1:"+port, grpc.WithTransportCredentials(keys))
	if err != nil {
		fail(err)
	}
	client := pb.NewBenchServiceClient(connection)
	call := map[string]func(context.Context) error{
		"small": func(ctx context.Context) error {
			_, err := client.GetScore(ctx, &pb.GetScoreRequest{PlayerId: player, Board: "weekly"})
			return err
		},
		"large": func(ctx context.Context) error {
			_, err := client.GetLeaderboard(ctx, &pb.GetLeaderboardRequest{Board: "weekly", Size: 100})
			return err
		},
		"stream": func(ctx context.Context) error {
			stream, err := client.StreamScores(ctx, &pb.StreamScoresRequest{Board: "weekly", Size: 1000})
			for err == nil {
				_, err = stream.Recv()
			}
			if err == io.EOF {
				return nil
			}
			return err
		},
		"converse": func(ctx context.Context) error {
			stream, err := client.Converse(ctx)
			for i := 0; err == nil && i < roundTrips; i++ {
				if err = stream.Send(&pb.ConverseRequest{PlayerId: player}); err == nil {
					_, err = stream.Recv()
				}
			}
			if err != nil {
				return err
			}
			if err = stream.CloseSend(); err == nil {
				_, err = stream.Recv()
			}
			if err == io.EOF {
				return nil
			}
			return err
		},
	}[shape]
	token := os.Getenv("BENCH_TOKEN")
	once := func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if token != "" {
			ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
		}
		return call(ctx)
	}
	if err := once(); err != nil {
		fail(err)
	}
	say(map[string]int{"ready": 1})
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var message struct{ Round float64 }
		if err := json.Unmarshal(lines.Bytes(), &message); err != nil {
			fail(err)
		}
		say(round(once, concurrency, time.Duration(message.Round)*time.Millisecond))
	}
}

func round(once func() error, concurrency int, length time.Duration) map[string]float64 {
	var failures atomic.Int64
	var wait sync.WaitGroup
	lanes := make([][]float64, concurrency)
	cpu, started := cpuMicros(), time.Now()
	for lane := range lanes {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for time.Since(started) < length {
				begun := time.Now()
				if err := once(); err != nil {
					failures.Add(1)
					continue
				}
				lanes[lane] = append(lanes[lane], float64(time.Since(begun).Microseconds()))
			}
		}()
	}
	wait.Wait()
	seconds := time.Since(started).Seconds()
	var all []float64
	for _, lane := range lanes {
		all = append(all, lane...)
	}
	sort.Float64s(all)
	at := func(share float64) float64 {
		if len(all) == 0 {
			return 0
		}
		return all[int(share*float64(len(all)-1))]
	}
	return map[string]float64{"calls": float64(len(all)), "failures": float64(failures.Load()), "seconds": seconds,
		"p50": at(0.5), "p99": at(0.99), "longest": at(1), "cpu": float64(cpuMicros() - cpu)}
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "serve" {
		serve()
		return
	}
	if len(os.Args) == 5 && os.Args[1] == "drive" {
		concurrency, err := strconv.Atoi(os.Args[4])
		if err != nil {
			fail(err)
		}
		drive(os.Args[2], os.Args[3], concurrency)
		return
	}
	fmt.Fprintln(os.Stderr, "usage: go-peer serve | go-peer drive PORT SHAPE CONCURRENCY")
	os.Exit(2)
}
