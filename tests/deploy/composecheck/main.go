// Composecheck reads deployment files by the reference readers and prints what they mean, as JSON.
//
//	composecheck compose FILE…    the Compose project in its normal form, all profiles (what `docker compose config` shows)
//	composecheck kustomize FOLDER  the objects that `kubectl apply --kustomize` would send
//	composecheck dockerfile FILE  the Dockerfile's stages and instructions, and the build checks' warnings
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

type warning struct {
	Rule   string `json:"rule"`
	Detail string `json:"detail"`
	Line   int    `json:"line"`
}

type command struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

type stage struct {
	Name     string    `json:"name"`
	Base     string    `json:"base"`
	Commands []command `json:"commands"`
}

type dockerfile struct {
	Args     map[string]string `json:"args"`
	Stages   []stage           `json:"stages"`
	Warnings []warning         `json:"warnings"`
}

func main() {
	if len(os.Args) < 3 {
		fail(fmt.Errorf("usage: composecheck compose|dockerfile FILE"))
	}
	switch os.Args[1] {
	case "compose":
		printed(compose(os.Args[2:]))
	case "kustomize":
		printed(kustomize(os.Args[2]))
	case "dockerfile":
		printed(build(os.Args[2]))
	default:
		fail(fmt.Errorf("no such check: %s", os.Args[1]))
	}
}

func compose(files []string) (any, error) {
	options, err := cli.NewProjectOptions(files, cli.WithOsEnv, cli.WithProfiles([]string{"*"}),
		cli.WithResolvedPaths(true))
	if err != nil {
		return nil, err
	}
	return options.LoadProject(context.Background())
}

func kustomize(folder string) (any, error) {
	found, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		return nil, err
	}
	objects := []map[string]any{}
	for _, each := range found.Resources() {
		object, err := each.Map()
		if err != nil {
			return nil, err
		}
		objects = append(objects, object)
	}
	return objects, nil
}

func build(file string) (any, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	parsed, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	found := dockerfile{Args: map[string]string{}, Warnings: []warning{}}
	for _, each := range parsed.Warnings {
		found.Warnings = append(found.Warnings, warning{Rule: "Parser", Detail: each.Short, Line: line(each.Location)})
	}
	lint := linter.New(&linter.Config{ExperimentalAll: true, Warn: func(rule, _, _, detail string, where []parser.Range) {
		first := 0
		if len(where) > 0 {
			first = where[0].Start.Line
		}
		found.Warnings = append(found.Warnings, warning{Rule: rule, Detail: detail, Line: first})
	}})
	stages, args, err := instructions.Parse(parsed.AST, lint)
	if err != nil {
		return nil, err
	}
	for _, group := range args {
		for _, arg := range group.Args {
			found.Args[arg.Key] = arg.ValueString()
		}
	}
	for _, each := range stages {
		one := stage{Name: each.Name, Base: each.BaseName}
		for _, part := range each.Commands {
			one.Commands = append(one.Commands, command{Name: strings.ToUpper(part.Name()), Text: fmt.Sprint(part)})
		}
		found.Stages = append(found.Stages, one)
	}
	return found, nil
}

func line(where *parser.Range) int {
	if where == nil {
		return 0
	}
	return where.Start.Line
}

func printed(value any, err error) {
	if err != nil {
		fail(err)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(value); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "composecheck:", err)
	os.Exit(1)
}
