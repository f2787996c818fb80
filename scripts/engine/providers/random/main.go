// pulumi-resource-random is upstream's random provider behind Pulumi's bridge, as the official plugin is; what is ours
// is the rule of names, which must agree with the npm package @pulumi/random.
package main

import (
	"context"

	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	"github.com/terraform-providers/terraform-provider-random/shim"
)

// version is set by the build (-X main.version=…) to what the npm package asks for.
var version = "0.0.0-dev"

func main() {
	provider := tfbridge.ProviderInfo{
		P:       pf.ShimProvider(shim.New()),
		Name:    "random",
		Version: version,
		// The bridge insists on metadata, though it finds none in here.
		MetadataInfo: tfbridge.NewProviderMetadata([]byte("{}")),
	}
	standard := tokens.MakeStandard("random")
	provider.MustComputeTokens(tokens.SingleModule("random_", "index", func(module, name string) (string, error) {
		return standard(module, "Random"+name)
	}))
	// A stub will do for a schema: it serves YAML programs and the making of SDKs.
	schema := []byte(`{"name":"random","version":"` + version + `"}`)
	pf.Main(context.Background(), "random", provider, pf.ProviderMetadata{PackageSchema: schema})
}
