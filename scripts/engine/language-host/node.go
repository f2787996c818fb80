package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/shlex"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

type stream = io.Writer

// grace is how long a child may take to end by itself once nobody needs it.
const grace = 1500 * time.Millisecond

// script prepares node for @pulumi/pulumi/cmd/<name>, in the copy of @pulumi/pulumi that dir would import.
func script(ctx context.Context, info *pulumirpc.ProgramInfo, dir, name string, args ...string) (*exec.Cmd, error) {
	find := exec.CommandContext(ctx, "node", "-p", "require.resolve('@pulumi/pulumi/cmd/"+name+"')")
	find.Dir = dir
	path, err := find.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return nil, errors.New("no node on PATH: install Node.js")
	} else if err != nil {
		return nil, fmt.Errorf("@pulumi/pulumi is not installed for %s: run npm install there", dir)
	}
	options := info.GetOptions().AsMap()
	flags, _ := options["nodeargs"].(string)
	words, err := shlex.Split(flags)
	if err != nil {
		return nil, fmt.Errorf("runtime option nodeargs: %w", err)
	}
	node := child(ctx, "node", append(append(words, strings.TrimSpace(string(path))), args...)...)
	node.Env = append(os.Environ(), "PULUMI_NODEJS_TYPESCRIPT="+typescript(options))
	return node, nil
}

func typescript(options map[string]any) string {
	if wanted, set := options["typescript"].(bool); set && !wanted {
		return "false"
	}
	return "true"
}

// child is a process with a group of its own, so that a Ctrl-C in the terminal reaches the engine only, and the
// engine decides in which order things end. When ctx ends, so does the group: politely first.
func child(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, args...)
	cmdutil.RegisterProcessGroup(c)
	endWithHost(c)
	c.Cancel = func() error { return terminate(c.Process) }
	c.WaitDelay = grace
	return c
}

func run(c *exec.Cmd) error {
	if err := c.Start(); err != nil {
		return err
	}
	defer sweep(c)
	return c.Wait()
}

// sweep ends what a child has left behind in its group.
func sweep(c *exec.Cmd) { _ = cmdutil.KillChildren(c.Process.Pid) }

// exitCode tells a process that failed (its code, no error) from one that could not be run at all.
func exitCode(err error) (int, error) {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, err
}

// bothOf is a context that ends as soon as one of the two does. The caller must call the function at the end.
func bothOf(a, b context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(a)
	context.AfterFunc(b, cancel)
	return ctx, cancel
}

type manifest struct {
	Version      string            `json:"version"`
	Dependencies map[string]string `json:"dependencies"`
}

func readManifest(dir string) (m manifest, err error) {
	text, err := os.ReadFile(filepath.Join(dir, "package.json"))
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(text, &m)
}
