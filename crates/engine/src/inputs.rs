//! What a node's desired state is computed from: handles of other nodes, alone, in tuples or in lists.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use crate::{Handle, Resource};

pub(crate) type Erased = Arc<dyn Any + Send + Sync>;

/// The outputs of the nodes that a node depends on.
#[derive(Debug, Default)]
pub struct Outputs(HashMap<usize, Erased>);

impl Outputs {
    pub(crate) fn insert(&mut self, node: usize, output: Erased) {
        self.0.insert(node, output);
    }

    /// The output of one node.
    ///
    /// # Panics
    /// When the node is not one of the inputs or has another type, which a handle of the same graph cannot cause.
    pub(crate) fn get<T: Clone + 'static>(&self, node: usize) -> T {
        self.0
            .get(&node)
            .and_then(|output| output.downcast_ref::<T>())
            .expect("a handle is used in the graph that gave it")
            .clone()
    }
}

/// Handles, and the values that come through them.
pub trait Inputs: Clone + Send + Sync + 'static {
    /// What the handles stand for.
    type Values: Send;

    /// Adds the nodes behind the handles.
    fn nodes(&self, nodes: &mut Vec<usize>);

    /// The values, from settled outputs.
    fn values(&self, outputs: &Outputs) -> Self::Values;
}

impl<R: Resource> Inputs for Handle<R> {
    type Values = R::Output;

    fn nodes(&self, nodes: &mut Vec<usize>) {
        nodes.push(self.node);
    }

    fn values(&self, outputs: &Outputs) -> R::Output {
        outputs.get(self.node)
    }
}

impl<I: Inputs> Inputs for Vec<I> {
    type Values = Vec<I::Values>;

    fn nodes(&self, nodes: &mut Vec<usize>) {
        for input in self {
            input.nodes(nodes);
        }
    }

    fn values(&self, outputs: &Outputs) -> Self::Values {
        self.iter().map(|input| input.values(outputs)).collect()
    }
}

impl<I: Inputs> Inputs for Option<I> {
    type Values = Option<I::Values>;

    fn nodes(&self, nodes: &mut Vec<usize>) {
        if let Some(input) = self {
            input.nodes(nodes);
        }
    }

    fn values(&self, outputs: &Outputs) -> Self::Values {
        self.as_ref().map(|input| input.values(outputs))
    }
}

macro_rules! tuple {
    ($($name:ident)*) => {
        impl<$($name: Inputs),*> Inputs for ($($name,)*) {
            type Values = ($($name::Values,)*);

            #[expect(non_snake_case, reason = "a tuple's types name its parts")]
            fn nodes(&self, nodes: &mut Vec<usize>) {
                let ($($name,)*) = self;
                $($name.nodes(nodes);)*
            }

            #[expect(non_snake_case, reason = "a tuple's types name its parts")]
            fn values(&self, outputs: &Outputs) -> Self::Values {
                let ($($name,)*) = self;
                ($($name.values(outputs),)*)
            }
        }
    };
}

tuple!(A);
tuple!(A B);
tuple!(A B C);
tuple!(A B C D);
tuple!(A B C D E);
tuple!(A B C D E F);

impl Inputs for () {
    type Values = ();

    fn nodes(&self, _: &mut Vec<usize>) {}

    fn values(&self, _: &Outputs) {}
}
