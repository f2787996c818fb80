package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"

	sdk "github.com/pulumi/pulumi/sdk/v3"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// toldAlready is the exit code by which @pulumi/pulumi says that the engine has heard the error from the program.
const toldAlready = 32

// Run runs a program to its end.
func (h *host) Run(call context.Context, r *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	ctx, done := bothOf(call, h.running)
	defer done()
	args := []string{
		"--monitor", r.MonitorAddress, "--engine", h.engine, "--organization", r.Organization, "--project", r.Project,
		"--stack", r.Stack, "--pwd", r.Pwd, "--root-directory", r.Info.RootDirectory, "--parallel", strconv.Itoa(int(r.Parallel)),
	}
	if r.DryRun {
		args = append(args, "--dry-run")
	}
	node, err := script(ctx, r.Info, r.Info.ProgramDirectory, "run", append(append(args, r.Info.EntryPoint), r.Args...)...)
	if err != nil {
		return nil, err
	}
	node.Dir, node.Stdout, node.Stderr = r.Pwd, os.Stdout, os.Stderr
	node.Env = append(node.Env, configuration(r.Config, r.ConfigSecretKeys)...)

	code, err := exitCode(run(node))
	switch {
	case code == toldAlready, ctx.Err() != nil: // whoever ended it knows
		return &pulumirpc.RunResponse{Bail: true}, nil
	case err != nil:
		return nil, err
	case code != 0:
		return &pulumirpc.RunResponse{Error: "the program ended with exit code " + strconv.Itoa(code)}, nil
	}
	return &pulumirpc.RunResponse{}, nil
}

// RunPlugin runs a provider or a policy pack that is installed as source, until the engine hangs up.
func (h *host) RunPlugin(r *pulumirpc.RunPluginRequest, s pulumirpc.LanguageRuntime_RunPluginServer) error {
	streams, stdout, stderr, err := rpcutil.MakeRunPluginStreams(s, false)
	if err != nil {
		return err
	}
	defer streams.Close()
	ctx, done := bothOf(s.Context(), h.alive)
	defer done()

	var end error
	if r.Kind == string(apitype.AnalyzerPlugin) {
		end = policyPack(ctx, r, stdout, stderr)
	} else {
		end = provider(ctx, r, stdout, stderr)
	}
	code, err := exitCode(end)
	if err != nil {
		return err
	}
	return s.Send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: int32(code)}})
}

func provider(ctx context.Context, r *pulumirpc.RunPluginRequest, stdout, stderr stream) error {
	dir := r.Info.ProgramDirectory
	node, err := script(ctx, r.Info, dir, "run-plugin", append([]string{dir}, r.Args...)...)
	if err != nil {
		return err
	}
	node.Dir, node.Env, node.Stdout, node.Stderr = r.Pwd, append(node.Env, r.Env...), stdout, stderr
	return run(node)
}

// policyPack starts the pack only after the engine has told the stack's configuration: packs read it from their
// environment, so the SDK's proxy has to listen in their place until then.
func policyPack(ctx context.Context, r *pulumirpc.RunPluginRequest, stdout, stderr stream) error {
	dir := r.Info.ProgramDirectory
	proxy, packOut, err := sdk.NewPolicyProxy(ctx, stdout)
	if err != nil {
		return err
	}
	stack, err := proxy.AwaitConfiguration(ctx)
	if err != nil {
		return err
	}
	node, err := script(ctx, r.Info, dir, "run-policy-pack", append(r.Args, dir)...)
	if err != nil {
		return err
	}
	node.Dir, node.Env, node.Stdout, node.Stderr = dir, append(node.Env, r.Env...), packOut, stderr
	if stack != nil {
		node.Env = append(node.Env, configuration(stack.Config, stack.ConfigSecretKeys)...)
		for name, value := range map[string]string{
			"ORGANIZATION": stack.Organization, "PROJECT": stack.Project, "STACK": stack.Stack, "DRY_RUN": strconv.FormatBool(stack.DryRun),
		} {
			node.Env = append(node.Env, "PULUMI_"+name+"="+value, "PULUMI_NODEJS_"+name+"="+value)
		}
	}
	if err := node.Start(); err != nil {
		return err
	}
	defer sweep(node)
	// Attach must outlast ctx: it is what waits for the process.
	return proxy.Attach(context.WithoutCancel(ctx), node)
}

// configuration is a stack's, as @pulumi/pulumi reads it: JSON even where there is none, since it breaks on "null".
func configuration(values map[string]string, secretKeys []string) []string {
	if values == nil {
		values = map[string]string{}
	}
	if secretKeys == nil {
		secretKeys = []string{}
	}
	config, _ := json.Marshal(values)
	secrets, _ := json.Marshal(secretKeys)
	return []string{fmt.Sprintf("PULUMI_CONFIG=%s", config), fmt.Sprintf("PULUMI_CONFIG_SECRET_KEYS=%s", secrets)}
}
