import { type Rule, describeValue, object } from "../../base/arguments.ts";
import { type Node, isNode } from "../node.ts";
import { isActivation } from "./activations.ts";

/** A node of floats that may be left out. */
export const optionalNode: Rule = {
  expected: "a node of floats; constant() makes one of a number, toFloat() of ints",
  is: isNode,
  describe: (value) => (isNode(value) ? `"${value.name}" of ints` : describeValue(value)),
  allows: (value) => (value as Node).type === "float",
};

/** A node that may be left out. */
export const anyNode: Rule = { expected: "a node; constant() makes one of numbers", is: isNode };

/** An activation that an op applies. */
export const activationRule: Rule = {
  ...object("an activation { name, parameter } with a parameter in its range"),
  allows: isActivation,
};
