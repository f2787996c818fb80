// Package shim opens the upstream provider: Go lets only paths below its module import "internal".
package shim

import (
	tf "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/terraform-providers/terraform-provider-random/internal/provider"
)

// New makes the provider.
func New() tf.Provider { return provider.New() }
