// Client and server of the transport benchmark on grpc-go: the same messages, the same output lines as the Node programs.
// Built by build.ts into a cache folder; nothing generated is kept in the repository.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
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
	pb "transportbench/pb"
)

type server struct {
	pb.UnimplementedBenchServiceServer
}

func response(id string, payload []byte) *pb.GetResponse {
	return &pb.GetResponse{
		Id: id, Name: "Enamel mug", Description: "A mug of enamelled steel, 350 ml, white",
		PriceUnits: 12, PriceNanos: 990000000, Currency: "EUR", Stock: 41,
		Tags: []string{"kitchen", "outdoor"}, Payload: payload,
	}
}

func (server) Get(_ context.Context, request *pb.GetRequest) (*pb.GetResponse, error) {
	return response(request.Id, request.Payload), nil
}

func (server) List(request *pb.GetRequest, stream pb.BenchService_ListServer) error {
	for i := int32(0); i < request.Count; i++ {
		if err := stream.Send(response(request.Id, request.Payload)); err != nil {
			return err
		}
	}
	return nil
}

func (server) Chat(stream pb.BenchService_ChatServer) error {
	for {
		request, err := stream.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := stream.Send(response(request.Id, request.Payload)); err != nil {
			return err
		}
	}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(parameters []string) {
	options := []grpc.ServerOption{}
	if len(parameters) == 2 {
		secure, err := credentials.NewServerTLSFromFile(parameters[0], parameters[1])
		must(err)
		options = append(options, grpc.Creds(secure))
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	built := grpc.NewServer(options...)
	pb.RegisterBenchServiceServer(built, server{})
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	must(built.Serve(listener))
}

func request(payload int, count int32) *pb.GetRequest {
	return &pb.GetRequest{Id: "0198f3c2-7d1e-7a55-9b3c-52f0a4c1d2e3", Count: count, Payload: make([]byte, payload)}
}

func once(stub pb.BenchServiceClient, scenario string) (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	switch scenario {
	case "unary", "large":
		size := 0
		if scenario == "large" {
			size = 262144
		}
		_, err := stub.Get(ctx, request(size, 1))
		return 1, err
	case "list":
		stream, err := stub.List(ctx, request(0, 1000))
		for err == nil {
			_, err = stream.Recv()
		}
		if err == io.EOF {
			err = nil
		}
		return 1000, err
	default:
		stream, err := stub.Chat(ctx)
		for i := 0; i < 100 && err == nil; i++ {
			if err = stream.Send(request(0, 1)); err == nil {
				_, err = stream.Recv()
			}
		}
		if err == nil {
			err = stream.CloseSend()
		}
		return 100, err
	}
}

func used() float64 {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Sec+usage.Stime.Sec)*1e6 + float64(usage.Utime.Usec+usage.Stime.Usec)
}

func drive(parameters []string) {
	scenario := parameters[1]
	concurrency, _ := strconv.Atoi(parameters[2])
	seconds, _ := strconv.ParseFloat(parameters[3], 64)
	secure := insecure.NewCredentials()
	if len(parameters) == 5 {
		pem, err := os.ReadFile(parameters[4])
		must(err)
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(pem)
		secure = credentials.NewTLS(&tls.Config{RootCAs: pool, ServerName: "localhost"})
	}
	connection, err := grpc.NewClient("127.0.0.1:"+parameters[0], grpc.WithTransportCredentials(secure))
	must(err)
	stub := pb.NewBenchServiceClient(connection)
	var measuring, stopped atomic.Bool
	var mutex sync.Mutex
	latencies := []float64{}
	done := 0
	for i := 0; i < concurrency; i++ {
		go func() {
			for !stopped.Load() {
				begun := time.Now()
				weight, err := once(stub, scenario)
				must(err)
				if measuring.Load() && !stopped.Load() {
					mutex.Lock()
					done += weight
					latencies = append(latencies, float64(time.Since(begun).Microseconds())/1000)
					mutex.Unlock()
				}
			}
		}()
	}
	time.Sleep(1500 * time.Millisecond)
	fmt.Println("begin")
	measuring.Store(true)
	before, begun := used(), time.Now()
	time.Sleep(time.Duration(seconds * float64(time.Second)))
	stopped.Store(true)
	elapsed, cpu := time.Since(begun).Seconds(), used()-before
	mutex.Lock()
	sort.Float64s(latencies)
	at := func(share float64) float64 { return latencies[int(float64(len(latencies))*share)] }
	out, _ := json.Marshal(map[string]any{
		"rate": float64(done) / elapsed, "clientCpu": cpu / float64(done), "p50": at(0.5), "p99": at(0.99), "done": done,
	})
	fmt.Println(string(out))
	os.Exit(0)
}

func main() {
	if os.Args[1] == "server" {
		serve(os.Args[2:])
	} else {
		drive(os.Args[2:])
	}
}
