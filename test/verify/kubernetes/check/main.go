// Builds a kustomization and decodes every object strictly by its API's own published types:
//
//	go run . FOLDER
//
// Prints what was built, a line of JSON each. Unknown or doubled fields, wrong types and kinds that it does not know are
// errors. Strimzi publishes its types for Java only: objects of its group are left to StrimziCheck.java.
package main

import (
	"fmt"
	"os"
	"strings"

	certmanager "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cloudnativepg "github.com/cloudnative-pg/cloudnative-pg/api/v1"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

func main() {
	if err := check(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func check(folder string) error {
	types := scheme.Scheme
	if err := certmanager.AddToScheme(types); err != nil {
		return err
	}
	if err := cloudnativepg.AddToScheme(types); err != nil {
		return err
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		return err
	}
	decoder := json.NewSerializerWithOptions(json.DefaultMetaFactory, types, types, json.SerializerOptions{Yaml: true, Strict: true})
	for _, object := range built.Resources() {
		text, err := object.AsYAML()
		if err != nil {
			return err
		}
		if !strings.HasPrefix(object.GetApiVersion(), "kafka.strimzi.io/") {
			if _, _, err := decoder.Decode(text, nil, nil); err != nil {
				return fmt.Errorf("%s %s: %w", object.GetKind(), object.GetName(), err)
			}
		}
		line, err := object.MarshalJSON()
		if err != nil {
			return err
		}
		fmt.Println(strings.TrimSpace(string(line)))
	}
	return nil
}
