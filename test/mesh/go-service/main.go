// A service in Go that joins the laptop mesh with nothing but its environment: it serves on the unix socket in LISTEN, and
// calls TARGET through HTTPS_PROXY, which grpc-go honours with a CONNECT tunnel. Messages are plain octets (JSON).
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// octets passes messages on as they are, so that no generated code is needed.
type octets struct{}

func (octets) Marshal(message any) ([]byte, error) { return *message.(*[]byte), nil }
func (octets) Unmarshal(data []byte, message any) error {
	*message.(*[]byte) = append([]byte(nil), data...)
	return nil
}
func (octets) Name() string { return "proto" }

type answer struct {
	Instance string            `json:"instance"`
	Headers  map[string]string `json:"headers"`
	Length   int               `json:"length"`
	// What the called service answered, when this one was told to call on.
	Onward json.RawMessage `json:"onward,omitempty"`
}

func main() {
	listener, err := net.Listen("unix", os.Getenv("LISTEN"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	client, err := grpc.NewClient(os.Getenv("TARGET"),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(octets{})))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	server := grpc.NewServer(grpc.ForceServerCodec(octets{}), grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		var request []byte
		if err := stream.RecvMsg(&request); err != nil {
			return err
		}
		result := answer{Instance: "go", Headers: map[string]string{}, Length: len(request)}
		incoming, _ := metadata.FromIncomingContext(stream.Context())
		for name, values := range incoming {
			result.Headers[name] = values[0]
		}
		if len(incoming.Get("x-call-on")) > 0 {
			ctx, cancel := context.WithTimeout(stream.Context(), 5*time.Second)
			defer cancel()
			var reply []byte
			if err := client.Invoke(ctx, "/test.v1.Echo/Unary", &request, &reply); err != nil {
				return status.Error(status.Code(err), "the onward call: "+status.Convert(err).Message())
			}
			result.Onward = reply
		}
		reply, err := json.Marshal(result)
		if err != nil {
			return status.Error(codes.Internal, "internal error")
		}
		return stream.SendMsg(&reply)
	}))
	fmt.Println("ready")
	if err := server.Serve(listener); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
