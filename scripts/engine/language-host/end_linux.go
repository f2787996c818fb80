package main

import (
	"os"
	"os/exec"
	"syscall"
)

// endWithHost has the kernel end a child even if the host is killed outright.
func endWithHost(c *exec.Cmd) { c.SysProcAttr.Pdeathsig = syscall.SIGKILL }

func terminate(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGTERM) }
