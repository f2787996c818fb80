// pulumi-resource-docker is upstream's Docker provider behind Pulumi's bridge, as the official plugin is; what is ours
// is the table of names, which must agree with the npm package @pulumi/docker.
package main

import (
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	sdkv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/terraform-providers/terraform-provider-docker/shim"
)

// version is set by the build (-X main.version=…) to what the npm package asks for.
var version = "0.0.0-dev"

func main() {
	provider := tfbridge.ProviderInfo{
		P:           sdkv2.NewProvider(shim.New(version)),
		Name:        "docker",
		Version:     version,
		Config:      config,
		Resources:   resources,
		DataSources: dataSources,
	}
	provider.MustComputeTokens(tokens.SingleModule("docker_", "index", tokens.MakeStandard("docker")))
	provider.SetAutonaming(255, "-")
	// A stub will do for a schema: it serves YAML programs and the making of SDKs.
	tfbridge.Main("docker", version, provider, []byte(`{"name":"docker","version":"`+version+`"}`))
}

var config = map[string]*tfbridge.SchemaInfo{
	"host":          {Default: &tfbridge.DefaultInfo{EnvVars: []string{"DOCKER_HOST"}, Value: "unix:///var/run/docker.sock"}},
	"registry_auth": {Name: "registryAuth", MaxItemsOne: tfbridge.False()},
}

// resources are those whose names do not follow from upstream's by rule.
var resources = map[string]*tfbridge.ResourceInfo{
	"docker_config": {Tok: "docker:index/serviceConfig:ServiceConfig"},
	"docker_image":  {Tok: "docker:index/remoteImage:RemoteImage", Fields: asIs("name")},
	"docker_container": {
		Tok: "docker:index/container:Container",
		// Two containers cannot have one name, or one port, at a time.
		DeleteBeforeReplace: true,
		Fields: map[string]*tfbridge.SchemaInfo{
			"command":           {Name: "command"},
			"networks_advanced": {Name: "networksAdvanced"},
		},
	},
}

var dataSources = map[string]*tfbridge.DataSourceInfo{
	"docker_image": {Tok: "docker:index/getRemoteImage:getRemoteImage"},
}

// asIs keeps the rules of plurals and of names made up for the user from a field.
func asIs(field string) map[string]*tfbridge.SchemaInfo {
	return map[string]*tfbridge.SchemaInfo{field: {Name: field}}
}
