// Evaluates pods with the official Pod Security admission checks at level "restricted".
// Reads a JSON list of {name, metadata, spec} from standard input; prints one violation a line and exits 1 if there are any.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

type pod struct {
	Name     string            `json:"name"`
	Metadata metav1.ObjectMeta `json:"metadata"`
	Spec     corev1.PodSpec    `json:"spec"`
}

func main() {
	var pods []pod
	if err := json.NewDecoder(os.Stdin).Decode(&pods); err != nil {
		fmt.Fprintln(os.Stderr, "cannot read pods:", err)
		os.Exit(2)
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	level := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	violations := 0
	for i := range pods {
		for _, result := range evaluator.EvaluatePod(level, &pods[i].Metadata, &pods[i].Spec) {
			if !result.Allowed {
				violations++
				fmt.Printf("%s: %s: %s\n", pods[i].Name, result.ForbiddenReason, result.ForbiddenDetail)
			}
		}
	}
	fmt.Fprintf(os.Stderr, "%d pods, %d violations\n", len(pods), violations)
	if violations > 0 {
		os.Exit(1)
	}
}
