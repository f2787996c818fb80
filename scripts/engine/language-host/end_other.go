//go:build !linux

package main

import (
	"os"
	"os/exec"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"
)

func endWithHost(*exec.Cmd) {}

func terminate(p *os.Process) error {
	cmdutil.InterruptChildren(p.Pid)
	return nil
}
