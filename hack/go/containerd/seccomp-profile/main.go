// Writes the seccomp profile of plugin containers: containerd's default, but sockets of the family AF_UNIX only.
//
//	go run ./seccomp-profile >../../../docs/seccomp/autoweave-plugin.json
package main

import (
	"encoding/json"
	"log"
	"os"
	"slices"

	"github.com/containerd/containerd/v2/contrib/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
)

const familyUnix = 1

// On each architecture the calls that make sockets, or are a way around a filter of their arguments: socketcall has
// them in memory, io_uring_enter in a ring.
var removed = []string{"socket", "socketpair", "socketcall", "io_uring_setup", "io_uring_enter", "io_uring_register"}

// What containerd adds on amd64 and on arm64.
var native = []string{
	"arch_prctl", "modify_ldt",
	"arm_fadvise64_64", "arm_sync_file_range", "sync_file_range2", "breakpoint", "cacheflush", "set_tls",
}

func main() {
	unprivileged := &specs.Spec{Process: &specs.Process{Capabilities: &specs.LinuxCapabilities{}}}
	profile := seccomp.DefaultProfile(unprivileged)
	// Without those for 32 bits, which have socketcall: libseccomp would turn a rule for socket into one for it.
	profile.Architectures = []specs.Arch{specs.ArchX86_64, specs.ArchAARCH64}
	rules := []specs.LinuxSyscall{}
	for _, rule := range profile.Syscalls {
		rule.Names = slices.DeleteFunc(rule.Names, func(name string) bool {
			return slices.Contains(removed, name) || slices.Contains(native, name)
		})
		if len(rule.Names) > 0 {
			rules = append(rules, rule)
		}
	}
	profile.Syscalls = append(rules,
		specs.LinuxSyscall{Names: native, Action: specs.ActAllow},
		specs.LinuxSyscall{
			Names:  []string{"socket", "socketpair"},
			Action: specs.ActAllow,
			Args:   []specs.LinuxSeccompArg{{Index: 0, Value: familyUnix, Op: specs.OpEqualTo}},
		})
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(profile); err != nil {
		log.Fatal(err)
	}
}
