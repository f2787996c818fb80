package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	engine string

	// alive ends with the host; running ends before it, when the engine takes an operation back.
	alive, running context.Context
	cancelPrograms context.CancelFunc
}

func newHost(alive context.Context, engine string) *host {
	running, cancel := context.WithCancel(alive)
	return &host{engine: engine, alive: alive, running: running, cancelPrograms: cancel}
}

func (h *host) Handshake(_ context.Context, r *pulumirpc.LanguageHandshakeRequest) (*pulumirpc.LanguageHandshakeResponse, error) {
	h.engine = r.EngineAddress
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

// Cancel ends programs only: providers hear of it from the engine itself, and may need time to leave things in order.
func (h *host) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	h.cancelPrograms()
	return &emptypb.Empty{}, nil
}

func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version}, nil
}

// GetRequiredPackages names none: each resource says its plugin's version when it registers.
func (h *host) GetRequiredPackages(context.Context, *pulumirpc.GetRequiredPackagesRequest) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

func (h *host) About(ctx context.Context, _ *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, fmt.Errorf("no node on PATH: %w", err)
	}
	out, err := exec.CommandContext(ctx, node, "--version").Output()
	return &pulumirpc.AboutResponse{Executable: node, Version: strings.TrimSpace(string(out))}, err
}

// GetProgramDependencies lists what package.json asks for, in the versions that are installed.
func (h *host) GetProgramDependencies(_ context.Context, r *pulumirpc.GetProgramDependenciesRequest) (*pulumirpc.GetProgramDependenciesResponse, error) {
	project, err := readManifest(r.Info.ProgramDirectory)
	if err != nil {
		return nil, err
	}
	answer := &pulumirpc.GetProgramDependenciesResponse{}
	for name := range project.Dependencies {
		found := project.Dependencies[name]
		if installed, err := readManifest(filepath.Join(r.Info.ProgramDirectory, "node_modules", name)); err == nil {
			found = installed.Version
		}
		answer.Dependencies = append(answer.Dependencies, &pulumirpc.DependencyInfo{Name: name, Version: found})
	}
	return answer, nil
}

func (h *host) InstallDependencies(r *pulumirpc.InstallDependenciesRequest, s pulumirpc.LanguageRuntime_InstallDependenciesServer) error {
	streams, stdout, stderr, err := rpcutil.MakeInstallDependenciesStreams(s, r.IsTerminal)
	if err != nil {
		return err
	}
	defer streams.Close()
	ctx, done := bothOf(s.Context(), h.alive)
	defer done()
	npm := child(ctx, "npm", "install")
	npm.Dir, npm.Env, npm.Stdout, npm.Stderr = r.Info.ProgramDirectory, os.Environ(), stdout, stderr
	return npm.Run()
}
