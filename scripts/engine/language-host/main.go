// pulumi-language-nodejs runs Node.js programs, policy packs and providers for a Pulumi that was built from source:
// the official host is no Go module, so it cannot be built with the rest.
package main

import (
	"context"
	"flag"
	"fmt"
	"os/signal"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// version is set by the build (-X main.version=…): the version of the engine this host belongs to.
var version = "0.0.0-dev"

// lookEvery is the pause between two looks whether the engine still lives.
const lookEvery = time.Second

func main() {
	flag.String("tracing", "", "taken, since every plugin is told it, and not used")
	flag.Parse()
	engine := flag.Arg(0)

	ctx, end := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer end()
	if engine != "" {
		// An engine that was killed cannot say goodbye.
		if err := rpcutil.Healthcheck(ctx, engine, lookEvery, end); err != nil {
			cmdutil.ExitError(err.Error())
		}
	}
	if err := serve(ctx, newHost(ctx, engine)); err != nil {
		cmdutil.ExitError(err.Error())
	}
}

// serve answers the engine until ctx ends and all that was running has ended too.
func serve(ctx context.Context, h *host) error {
	stop := make(chan bool)
	context.AfterFunc(ctx, func() { close(stop) })
	server, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: stop,
		Init: func(s *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(s, h)
			return nil
		},
	})
	if err != nil {
		return err
	}
	fmt.Println(server.Port) // the engine reads it from the first line
	return <-server.Done
}
